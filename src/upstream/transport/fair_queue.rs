//! A queue in which callers take turns: who asks for much waits for itself, not others for it.
//!
//! There are two rings of callers, one for each [`Urgency`]. Within a ring the callers are served in
//! rotation, each caller's own entries in their order. The urgent ring goes first; after three
//! entries of it in a row the other one gets a turn, so that it moves on in any case.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// How soon a call should get its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Somebody waits for this one thing: a write, a read by id.
    Soon,
    /// A part of a list.
    Patient,
}

const URGENT_IN_A_ROW: usize = 3;

/// The queue. `K` names a caller.
pub(super) struct FairQueue<K, T> {
    urgent: Ring<K, T>,
    patient: Ring<K, T>,
    urgent_in_a_row: usize,
}

struct Ring<K, T> {
    turns: VecDeque<K>,
    waiting: HashMap<K, VecDeque<T>>,
    len: usize,
}

impl<K: Clone + Eq + Hash, T> FairQueue<K, T> {
    pub(super) fn new() -> Self {
        Self {
            urgent: Ring::new(),
            patient: Ring::new(),
            urgent_in_a_row: 0,
        }
    }

    pub(super) fn push(&mut self, urgency: Urgency, caller: K, entry: T) {
        self.ring_mut(urgency).push(caller, entry);
    }

    /// The entry whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        let lists_wait = self.patient.len > 0;
        let is_their_turn = lists_wait && self.urgent_in_a_row >= URGENT_IN_A_ROW;
        if self.urgent.len == 0 || is_their_turn {
            self.urgent_in_a_row = 0;
            return self.patient.pop();
        }
        self.urgent_in_a_row += usize::from(lists_wait);
        self.urgent.pop()
    }

    pub(super) fn len(&self) -> usize {
        self.urgent.len + self.patient.len
    }

    /// Drops the entries that nobody waits for any more.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.urgent.retain(&mut keep);
        self.patient.retain(&mut keep);
    }

    /// How many entries may be served before a new one of `caller`, itself included: an estimate
    /// from above, for those who want to know whether waiting makes sense.
    pub(super) fn place(&self, urgency: Urgency, caller: &K) -> usize {
        match urgency {
            Urgency::Soon => {
                let place = self.urgent.place(caller);
                place + self.patient.len.min(place / URGENT_IN_A_ROW)
            }
            Urgency::Patient => self.urgent.len + self.patient.place(caller),
        }
    }

    fn ring_mut(&mut self, urgency: Urgency) -> &mut Ring<K, T> {
        match urgency {
            Urgency::Soon => &mut self.urgent,
            Urgency::Patient => &mut self.patient,
        }
    }
}

impl<K: Clone + Eq + Hash, T> Ring<K, T> {
    fn new() -> Self {
        Self {
            turns: VecDeque::new(),
            waiting: HashMap::new(),
            len: 0,
        }
    }

    fn push(&mut self, caller: K, entry: T) {
        self.len += 1;
        if let Some(own) = self.waiting.get_mut(&caller) {
            own.push_back(entry);
            return;
        }
        self.turns.push_back(caller.clone());
        self.waiting.insert(caller, VecDeque::from([entry]));
    }

    fn pop(&mut self) -> Option<T> {
        let caller = self.turns.pop_front()?;
        let own = self.waiting.get_mut(&caller)?;
        let entry = own.pop_front()?;
        self.len -= 1;
        if own.is_empty() {
            self.waiting.remove(&caller);
        } else {
            self.turns.push_back(caller);
        }
        Some(entry)
    }

    fn retain(&mut self, keep: &mut impl FnMut(&T) -> bool) {
        self.waiting.retain(|_, own| {
            own.retain(&mut *keep);
            !own.is_empty()
        });
        self.turns
            .retain(|caller| self.waiting.contains_key(caller));
        self.len = self.waiting.values().map(VecDeque::len).sum();
    }

    fn place(&self, caller: &K) -> usize {
        let own = self.waiting.get(caller).map_or(0, VecDeque::len) + 1;
        let others = self.waiting.iter().filter(|(other, _)| *other != caller);
        own + others
            .map(|(_, waiting)| waiting.len().min(own))
            .sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_greedy_caller_waits_for_itself() {
        let mut queue = FairQueue::new();
        for n in 0..100 {
            queue.push(Urgency::Soon, "greedy", n);
        }
        queue.push(Urgency::Soon, "modest", 1000);
        assert_eq!(queue.place(Urgency::Soon, &"third"), 3);
        assert_eq!(queue.pop(), Some(0));
        assert_eq!(queue.pop(), Some(1000));
    }

    #[test]
    fn what_is_urgent_goes_first_and_what_is_patient_moves_on() {
        let mut queue = FairQueue::new();
        for n in 0..4 {
            queue.push(Urgency::Patient, "list", 100 + n);
        }
        for n in 0..6 {
            queue.push(Urgency::Soon, "one", n);
        }
        let order: Vec<i32> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, [0, 1, 2, 100, 3, 4, 5, 101, 102, 103]);
    }

    #[test]
    fn who_went_away_leaves_no_gap() {
        let mut queue = FairQueue::new();
        for n in 0..6 {
            queue.push(Urgency::Soon, n % 2, n);
        }
        queue.retain(|n| n % 2 == 1);
        assert_eq!(queue.len(), 3);
        let order: Vec<i32> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, [1, 3, 5]);
        assert_eq!(queue.len(), 0);
    }

    /// Who waits: its entries, and how often each other caller went before it meanwhile.
    type Waiting = HashMap<u8, (VecDeque<usize>, HashMap<u8, usize>)>;

    #[derive(Debug, Clone)]
    enum Step {
        Push(bool, u8),
        Pop,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let push = (any::<bool>(), 0..5_u8).prop_map(|(urgent, caller)| Step::Push(urgent, caller));
        proptest::collection::vec(prop_oneof![3 => push, 2 => Just(Step::Pop)], 0..200)
    }

    proptest! {
        /// Whatever happens: nothing is lost or doubled, nobody is served twice while another of the
        /// same urgency waits all the time, and a list moves on at every fourth turn at the latest.
        #[test]
        fn nobody_is_starved(steps in steps()) {
            let mut queue = FairQueue::new();
            let mut waiting: [Waiting; 2] = Default::default();
            let mut urgent_in_a_row = 0;
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(urgent, caller) => {
                        let urgency = if urgent { Urgency::Soon } else { Urgency::Patient };
                        queue.push(urgency, caller, (urgent, caller, n));
                        waiting[usize::from(urgent)].entry(caller).or_default().0.push_back(n);
                    }
                    Step::Pop => {
                        let lists_wait = !waiting[0].is_empty();
                        let Some((urgent, caller, n)) = queue.pop() else {
                            prop_assert!(waiting.iter().all(HashMap::is_empty));
                            continue;
                        };
                        urgent_in_a_row = match (urgent, lists_wait) {
                            (true, true) => urgent_in_a_row + 1,
                            _ => 0,
                        };
                        prop_assert!(!lists_wait || urgent_in_a_row <= URGENT_IN_A_ROW);
                        let ring = &mut waiting[usize::from(urgent)];
                        let own = ring.get_mut(&caller).unwrap();
                        prop_assert_eq!(own.0.pop_front(), Some(n));
                        own.1.clear();
                        if own.0.is_empty() {
                            ring.remove(&caller);
                        }
                        for (other, (_, passed)) in ring.iter_mut().filter(|(other, _)| **other != caller) {
                            let passed = passed.entry(caller).or_default();
                            *passed += 1;
                            prop_assert!(*passed <= 1, "{caller} went before {other} twice");
                        }
                    }
                }
            }
            let left: usize = waiting.iter().flat_map(HashMap::values).map(|(own, _)| own.len()).sum();
            prop_assert_eq!(queue.len(), left);
        }
    }
}
