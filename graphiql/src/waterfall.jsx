import { useEffect, useSyncExternalStore } from "react";

/** A side panel that shows how the last answer came about, over time. */
export function waterfallPlugin(explanations) {
  return {
    title: "Waterfall",
    icon: WaterfallIcon,
    content: () => <Waterfall explanations={explanations} />,
  };
}

function Waterfall({ explanations }) {
  const { explanation, name } = useSyncExternalStore(explanations.subscribe, explanations.current);
  useEffect(() => {
    explanations.want(true);
    return () => explanations.want(false);
  }, [explanations]);

  return (
    <section className="waterfall" aria-label="Waterfall">
      <h2 className="graphiql-doc-explorer-title">Waterfall</h2>
      {explanation ? (
        <Explained explanation={explanation} name={name} />
      ) : (
        <p>Run an operation while this panel is open: each call to an upstream and each read from memory appears here.</p>
      )}
    </section>
  );
}

function Explained({ explanation, name }) {
  const { ms, waitedMs, events, eventsLeftOut } = explanation;
  const calls = events.filter(({ event }) => event === "call").length;
  return (
    <>
      <p>
        {name ? <strong>{name}</strong> : "The operation"} took {time(ms)}: {time(waitedMs)} waiting for upstreams,{" "}
        {time(Math.max(0, ms - waitedMs))} in the gateway. {calls} {calls === 1 ? "call" : "calls"}.
      </p>
      <ol>
        {events.map((event, index) => (
          <Row key={index} event={event} whole={ms} />
        ))}
      </ol>
      {eventsLeftOut > 0 && <p>{eventsLeftOut} more are not shown.</p>}
    </>
  );
}

function Row({ event, whole }) {
  const { title, note, kind } = described(event);
  const share = (part) => `${Math.min(100, (100 * part) / Math.max(whole, 0.001))}%`;
  const bar = { marginLeft: share(event.startMs), width: share(event.ms ?? 0) };
  return (
    <li className={kind}>
      <span className="what">{title}</span>
      <span className="note">{note}</span>
      <span className="track" aria-hidden="true">
        <span className="bar" style={bar} />
      </span>
    </li>
  );
}

function described(event) {
  switch (event.event) {
    case "call": {
      const failed = event.outcome !== "ok";
      return {
        kind: failed ? "call failed" : "call",
        title: `${event.service} ${event.method} ${event.path}`,
        note: `${event.status ?? "no answer"}${failed ? ` ${event.outcome}` : ""}, ${time(event.ms)}`,
      };
    }
    case "plan":
      return {
        kind: "plan",
        title: `${event.plan === "WALK" ? "walk" : "by id"}: ${event.resource}`,
        note: event.why,
      };
    default:
      return {
        kind: `read ${event.source}`,
        title: `${event.resource} from ${event.source}`,
        note: `${event.keys} ${event.keys === 1 ? "key" : "keys"}, ${time(event.ms)}`,
      };
  }
}

function time(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function WaterfallIcon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" {...props}>
      <path d="M4 6h8M8 12h9M14 18h6" />
    </svg>
  );
}
