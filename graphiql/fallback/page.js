// The plain page: served as it is when the build had no npm to bundle GraphiQL.

const element = (id) => document.getElementById(id);
const pretty = (value) => JSON.stringify(value, null, 2);

const settings = await fetchSettings();
document.title = settings.title;
element("title").textContent = settings.title;
settings.tabs.forEach((tab, index) => element("example").append(new Option(tab.title, index)));
element("example").disabled = settings.tabs.length === 0;
show(settings.tabs[0] ?? { query: "{ __typename }" });

element("example").addEventListener("change", (event) => show(settings.tabs[event.target.value]));
element("operation").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
element("operation").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});

async function fetchSettings() {
  const none = { title: "Haulgraph", headers: {}, tabs: [] };
  try {
    const response = await fetch("/graphiql/settings.json");
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    return { ...none, ...(await response.json()) };
  } catch (error) {
    console.warn("The page starts without the gateway's settings:", error);
    return none;
  }
}

function show(tab) {
  element("query").value = tab.query;
  element("variables").value = tab.variables ? pretty(tab.variables) : "";
  element("headers").value = pretty({ ...settings.headers, ...tab.headers });
}

async function run() {
  element("status").textContent = "Waiting …";
  element("result").textContent = "";
  const started = performance.now();
  try {
    const response = await fetch("/graphql", request());
    const answer = await response.json();
    element("status").textContent = `${response.status} in ${Math.round(performance.now() - started)} ms`;
    element("result").textContent = pretty(answer);
  } catch (error) {
    element("status").textContent = String(error);
  }
}

function request() {
  const variables = parse("variables");
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      // A header that was offered but not filled in is not sent at all.
      ...Object.fromEntries(Object.entries(parse("headers")).filter(([, value]) => value !== "")),
    },
    body: JSON.stringify({ query: element("query").value, variables }),
  };
}

function parse(id) {
  const text = element(id).value.trim();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The ${id} are not JSON: ${error.message}`);
  }
}
