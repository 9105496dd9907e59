/**
 * The explanation of the last operation, kept outside of React: the fetcher writes it, the panel
 * reads it. Operations are explained only while the panel is open.
 */
export function explanations() {
  const listeners = new Set();
  let state = { wanted: false, explanation: null, name: null };

  function update(change) {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  return {
    /** For `useSyncExternalStore`. */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => state,
    want: (wanted) => update({ wanted }),

    /** Asks for an explanation, and takes it out of the answer: it has a place of its own. */
    around(send) {
      return async (operation, options) => {
        const isOwn = operation.operationName === "IntrospectionQuery";
        if (!state.wanted || isOwn) return send(operation, options);
        const headers = { ...options?.headers, "haulgraph-explain": "1" };
        const answer = await send(operation, { ...options, headers });
        const { explain, ...extensions } = answer?.extensions ?? {};
        if (!explain) return answer;
        update({ explanation: explain, name: operation.operationName ?? null });
        const { extensions: _, ...rest } = answer;
        return Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest;
      };
    },
  };
}
