import { createGraphiQLFetcher } from "@graphiql/toolkit";

/** Sends operations to the gateway that served the page. */
export function gatewayFetcher(settings) {
  const send = createGraphiQLFetcher({
    url: "/graphql",
    fetch: (url, request) => fetch(url, { ...request, headers: filled(request.headers) }),
    // The gateway streams nothing, and its plain answers have a better media type.
    enableIncrementalDelivery: false,
  });
  return (operation, options) => {
    // GraphiQL reads the schema before it has a header editor to read from.
    const early = operation.operationName === "IntrospectionQuery" && !options?.headers;
    return send(operation, early ? { ...options, headers: settings.headers } : options);
  };
}

/** A header that was offered but not filled in is not sent at all. */
function filled(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== "" && value != null));
}
