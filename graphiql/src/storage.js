/**
 * GraphiQL's local storage, with every request header taken out on the way in.
 *
 * `shouldPersistHeaders={false}` covers the tabs only: the history plugin still
 * writes the headers of each request it remembers, tokens included. Here nothing
 * gets through, whoever writes it. Remembered requests come back with the
 * default headers instead, or choosing one would empty the header editor.
 */
export function headerlessStorage(defaultHeaders) {
  return {
    get length() {
      return ownKeys().length;
    },
    getItem(key) {
      const value = localStorage.getItem(key);
      return HISTORY.has(key) ? replaceHeaders(value, defaultHeaders) : value;
    },
    setItem(key, value) {
      if (key !== HEADERS) localStorage.setItem(key, replaceHeaders(value, null));
    },
    removeItem(key) {
      localStorage.removeItem(key);
    },
    clear() {
      ownKeys().forEach((key) => localStorage.removeItem(key));
    },
  };
}

/** Whether an earlier visit left tabs that GraphiQL will prefer to the defaults. */
export function hasStoredTabs() {
  return localStorage.getItem(`${PREFIX}tabState`) !== null;
}

const PREFIX = "graphiql:";
const HEADERS = `${PREFIX}headers`;
const HISTORY = new Set([`${PREFIX}queries`, `${PREFIX}favorites`]);

function ownKeys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

/** Replaces each `headers` member of a JSON text; other text is left as it is. */
function replaceHeaders(text, headers) {
  if (!text?.includes('"headers"')) return text;
  try {
    return JSON.stringify(JSON.parse(text, (key, value) => (key === "headers" ? headers : value)));
  } catch {
    return text;
  }
}
