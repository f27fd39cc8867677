// Speaks graphql-transport-ws with the reference client. Usage: node socket.mjs ws://…/graphql
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.argv[2];
const open = (connectionParams) => createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });

const collect = (client, query, variables) =>
  new Promise((resolve) => {
    const results = [];
    client.subscribe({ query, variables }, {
      next: (result) => results.push(result),
      error: (error) => resolve({ results, error: error.code ?? error }),
      complete: () => resolve({ results }),
    });
  });

const client = open({ Authorization: 'Bearer good' });
const report = {
  query: await collect(client, '{ viewer }'),
  mutation: await collect(client, 'mutation { change(by: 2) }'),
  subscription: await collect(client, 'subscription ($to: Int!) { count(to: $to) }', { to: 3 }),
  invalid: await collect(client, '{ unknown }'),
};
await client.dispose();

const taken = open({ Authorization: 'Bearer good' });
const ticks = taken.iterate({ query: 'subscription { ticks(millis: 5) }' });
report.iterated = [(await ticks.next()).value, (await ticks.next()).value];
await ticks.return();
await taken.dispose();

report.denied = await collect(open({ Authorization: 'Bearer wrong' }), '{ viewer }');
console.log(JSON.stringify(report));
process.exit(0);
