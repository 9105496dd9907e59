const NONE = { title: "Haulgraph", headers: {}, tabs: [], explain: false };

/**
 * What the gateway wants the page to start with:
 * `{ title, headers, tabs: [{ title, query, variables?, headers? }], explain }`.
 * The page works without it, only emptier.
 */
export async function fetchSettings() {
  try {
    const response = await fetch("/graphiql/settings.json", { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    return { ...NONE, ...(await response.json()) };
  } catch (error) {
    console.warn("GraphiQL starts without the gateway's settings:", error);
    return NONE;
  }
}

/** A tab of the settings in GraphiQL's own terms, where everything is text. */
export function editorContents(tab, settings) {
  return {
    query: tab.query,
    variables: tab.variables ? pretty(tab.variables) : null,
    headers: pretty({ ...settings.headers, ...tab.headers }),
  };
}

export function pretty(value) {
  return JSON.stringify(value, null, 2);
}
