import "./workers.js";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./page.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import { examplesPlugin } from "./examples.jsx";
import { explanations } from "./explanations.js";
import { gatewayFetcher } from "./fetcher.js";
import { editorContents, pretty } from "./settings.js";
import { hasStoredTabs, headerlessStorage } from "./storage.js";
import { waterfallPlugin } from "./waterfall.jsx";

export function render(root, settings) {
  document.title = settings.title;
  createRoot(root).render(<Page settings={settings} defaults={defaults(settings)} />);
}

function Page({ settings, defaults }) {
  return (
    <>
      <Brand title={settings.title} />
      <GraphiQL shouldPersistHeaders={false} inputValueDeprecation schemaDescription {...defaults}>
        <GraphiQL.Logo> </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

function Brand({ title }) {
  return (
    <header className="brand">
      <img src="/graphiql/icon.svg" alt="" width="24" height="24" />
      <h1>{title}</h1>
      <nav>
        <a href="/schema.graphql">Schema</a>
        <a href="/graphiql/licenses.txt">Licences</a>
      </nav>
    </header>
  );
}

/** GraphiQL's starting state. It keeps the first values, so they are made once. */
function defaults(settings) {
  const defaultHeaders = pretty(settings.headers);
  const tabs = settings.tabs.map((tab) => editorContents(tab, settings));
  const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
  if (settings.tabs.length > 0) plugins.unshift(examplesPlugin(settings));
  let fetcher = gatewayFetcher(settings);
  if (settings.explain) {
    const explained = explanations();
    fetcher = explained.around(fetcher);
    plugins.push(waterfallPlugin(explained));
  }
  return {
    fetcher,
    defaultHeaders,
    defaultTabs: tabs.length > 0 ? tabs : undefined,
    defaultEditorToolsVisibility: "headers",
    plugins,
    storage: headerlessStorage(defaultHeaders),
    ...firstTab(tabs),
  };
}

// GraphiQL fills the editors of the first tab from these and not from the tab;
// where earlier tabs are stored they would add a tab at every visit.
function firstTab([tab]) {
  if (!tab || hasStoredTabs()) return {};
  return { initialVariables: tab.variables ?? undefined, initialHeaders: tab.headers };
}
