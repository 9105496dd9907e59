// The three REST APIs, asked as sparingly as Haulgraph asks them: what differs between the
// targets of the bench shall be the engine, not the number of calls.
import { Agent, request } from 'undici';

const CRO = process.env.HAULGRAPH_CRO__BASE_URL;
const TRANS_EU = process.env.HAULGRAPH_TRANS_EU__BASE_URL;
const CRUX = process.env.HAULGRAPH_CRUX__BASE_URL;

const dispatcher = new Agent({ connections: 128, pipelining: 1, keepAliveTimeout: 30_000 });

async function get(url, headers) {
  const { statusCode, body } = await request(url, { dispatcher, headers });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`the upstream answered ${statusCode}`);
  }
  return body.json();
}

// What one caller may read; made anew for every request.
export class Rest {
  #cro;
  #transEu;
  #crux;

  constructor(headers) {
    const accept = 'application/json';
    this.#cro = {
      accept,
      authorization: headers.authorization,
      'x-tenant-id': headers['x-tenant-id'],
      'x-api-version': '2019/02/08',
    };
    this.#transEu = {
      accept,
      authorization: headers['x-trans-eu-authorization'],
      'api-key': headers['api-key'],
    };
    this.#crux = { accept, authorization: headers['x-crux-authorization'] };
  }

  async #pages(path) {
    const page = (index) => get(`${CRO}${path}?page_index=${index}&page_limit=1000`, this.#cro);
    const first = await page(1);
    const others = Array.from({ length: first.total_pages - 1 }, (_, at) => page(at + 2));
    return [first, ...(await Promise.all(others))].flatMap((page) => page.results);
  }

  // The list has a row per customer and yard, with no way to ask for many customers by id.
  async customers() {
    const customers = new Map();
    for (const row of await this.#pages('/customers')) {
      const known = customers.get(row.customer_id);
      if (!known) {
        customers.set(row.customer_id, { ...row, id: row.customer_id, locations: [row] });
      } else if (known.locations.every((other) => other.location_id !== row.location_id)) {
        known.locations.push(row);
      }
    }
    return customers;
  }

  customer(id) {
    return get(`${CRO}/customers/${encodeURIComponent(id)}`, this.#cro);
  }

  locations() {
    return this.#pages('/locations');
  }

  haulers() {
    return this.#pages('/haulers');
  }

  async routes(first) {
    const url = `${TRANS_EU}/ext/contracts-api/v2/routes?limit=${first}&offset=0`;
    return (await get(url, this.#transEu))._embedded.routes;
  }

  async contracts(first) {
    const url = `${TRANS_EU}/ext/contracts-api/v2/contracts?limit=${first}&offset=0`;
    return (await get(url, this.#transEu))._embedded.contracts;
  }

  async partners() {
    const page = (index) => get(`${TRANS_EU}/ext/partners-api/v1/partners?page=${index}`, this.#transEu);
    const first = await page(1);
    const others = Array.from({ length: first.page_count - 1 }, (_, at) => page(at + 2));
    return [first, ...(await Promise.all(others))].flatMap((page) => page.partners);
  }

  tradingConnections() {
    return get(`${CRUX}/organizations/connections/`, this.#crux);
  }
}
