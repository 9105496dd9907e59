import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { editorContents } from "./settings.js";

/** A side panel with the gateway's examples, for when their tabs are long closed. */
export function examplesPlugin(settings) {
  return {
    title: "Examples",
    icon: ExamplesIcon,
    content: () => <Examples settings={settings} />,
  };
}

function Examples({ settings }) {
  const { addTab } = useGraphiQLActions();
  const editors = useGraphiQL((state) => state);

  function open(tab) {
    const { query, variables, headers } = editorContents(tab, settings);
    addTab();
    editors.queryEditor?.setValue(query);
    editors.variableEditor?.setValue(variables ?? "");
    editors.headerEditor?.setValue(headers);
  }

  return (
    <section className="examples" aria-label="Examples">
      <h2 className="graphiql-doc-explorer-title">Examples</h2>
      <p>Each opens in a tab of its own.</p>
      <ul>
        {settings.tabs.map((tab) => (
          <li key={tab.title}>
            <button type="button" onClick={() => open(tab)}>
              {tab.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ExamplesIcon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" {...props}>
      <path d="M5 3h10l4 4v14H5z" />
      <path d="M9 11h6M9 15h6" />
    </svg>
  );
}
