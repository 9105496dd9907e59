// Resolvers over the REST calls, with a DataLoader for every link: what a Node team would write.
import DataLoader from 'dataloader';
import { Rest } from './rest.mjs';

const once = (load) => {
  let loading;
  return () => (loading ??= load());
};

// Everything that lives as long as one request.
export function context(headers) {
  const rest = new Rest(headers);
  const customers = once(() => rest.customers());
  const locations = once(() => rest.locations());
  const partners = once(() => rest.partners());
  return {
    rest,
    customers,
    locations,
    customer: new DataLoader(async (ids) => {
      const known = await customers();
      return ids.map((id) => known.get(id) ?? null);
    }),
    location: new DataLoader(async (ids) => {
      const known = new Map((await locations()).map((location) => [location.id, location]));
      return ids.map((id) => known.get(id) ?? null);
    }),
    partner: new DataLoader(async (companies) => {
      const known = new Map((await partners()).map((partner) => [partner.company.id, partner]));
      return companies.map((id) => known.get(id) ?? null);
    }),
  };
}

// Words that came after the API's description are OTHER in an enumeration.
const CONTRACT_STATUSES = new Set(
  `ACCEPTED ACTIVE FINISHED FINISHED_PREVIOUSLY_ACCEPTED REFUSED REGISTERED WAITING_FOR_ACCEPTANCE
   WAITING_FOR_CARRIER_OFFER WAITING_FOR_INITIAL_CARRIER_OFFER WAITING_FOR_SHIPPER_OFFER`.split(/\s+/),
);

const contractStatus = (raw) => {
  const status = raw.toUpperCase();
  return CONTRACT_STATUSES.has(status) ? status : 'OTHER';
};

const page = (items, first) => ({ nodes: items.slice(0, first) });

export const resolvers = {
  Query: {
    customers: async (_, { first }, { customers }) => page([...(await customers()).values()], first),
    customer: (_, { id }, { rest }) => rest.customer(id),
    locations: async (_, { first }, { locations }) => page(await locations(), first),
    haulers: async (_, { first }, { rest }) => page(await rest.haulers(), first),
    routes: async (_, { first }, { rest }) => page(await rest.routes(first), first),
    contracts: async (_, { first }, { rest }) => page(await rest.contracts(first), first),
    tradingConnections: (_, __, { rest }) => rest.tradingConnections(),
  },
  Customer: {
    upstreamId: ({ id }) => id,
    parent: ({ parent_id }, _, { customer }) => (parent_id == null ? null : customer.load(parent_id)),
  },
  Address: { line1: ({ line_1 }) => line_1 },
  Contact: {
    emails: ({ email }) =>
      (email ?? '').split(',').map((email) => email.trim()).filter((email) => email !== ''),
  },
  CustomerLocation: {
    referenceNumber: ({ reference_number }) => reference_number,
    location: ({ location_id }, _, { location }) => location.load(location_id),
  },
  Route: { upstreamId: ({ id }) => id },
  RouteSpot: { address: ({ place }) => place.address },
  Contract: {
    upstreamId: ({ id }) => id,
    status: ({ status }) => contractStatus(status),
  },
  Carrier: { partner: ({ company }, _, { partner }) => partner.load(company.id) },
  TradingConnection: { status: ({ status }) => status.replaceAll(' ', '_') },
  Company: { upstreamId: ({ id }) => id },
};
