// Speaks Server-Sent Events with the reference client. Usage: node stream.mjs http://…/graphql/stream
import { createClient } from 'graphql-sse';

const url = process.argv[2];
const open = (token) => createClient({ url, retryAttempts: 0, headers: { Authorization: `Bearer ${token}` } });

const collect = (client, query, variables) =>
  new Promise((resolve) => {
    const results = [];
    client.subscribe({ query, variables }, {
      next: (result) => results.push(result),
      error: (error) => resolve({ results, error: error.response?.status ?? String(error) }),
      complete: () => resolve({ results }),
    });
  });

const client = open('good');
const report = {
  query: await collect(client, '{ viewer }'),
  mutation: await collect(client, 'mutation { change(by: 2) }'),
  subscription: await collect(client, 'subscription ($to: Int!) { count(to: $to) }', { to: 3 }),
  lines: await collect(client, 'subscription { lines }'),
  invalid: await collect(client, '{ unknown }'),
  broken: await collect(client, '{'),
  denied: await collect(open('wrong'), '{ viewer }'),
};
const ticks = client.iterate({ query: 'subscription { ticks(millis: 5) }' });
report.iterated = [(await ticks.next()).value, (await ticks.next()).value];
await ticks.return();
console.log(JSON.stringify(report));
process.exit(0);
