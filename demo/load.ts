/** Live load for the demo, through PgBouncer: orders, reports, and now and then somebody who holds a lock too long. */
import pg from 'pg';

const CLIENTS = 8;
const PAUSE_MS = 40;

const random = (n: number): number => 1 + Math.floor(Math.random() * n);

type Step = (client: pg.Client) => Promise<unknown>;

async function order(client: pg.Client): Promise<void> {
  await client.query('begin');
  const product = random(200);
  await client.query('update products set stock = stock - 1 where id = $1', [product]);
  await client.query('insert into orders (customer_id, product_id, quantity) values ($1, $2, $3)', [
    random(5000),
    product,
    random(3),
  ]);
  // Sometimes the shop thinks for a moment with the row still locked.
  if (random(50) === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
  await client.query('commit');
}

const steps: readonly Step[] = [
  order,
  (client) =>
    client.query('select * from orders where customer_id = $1 order by created_at desc limit 10', [random(5000)]),
  (client) => client.query('select title, price from products where id = $1', [random(200)]),
  (client) =>
    client.query('select city, count(*) from customers join orders on customer_id = customers.id group by city'),
  (client) => client.query("update orders set status = 'sent' where id = $1", [random(20000)]),
];

/** @returns a function that ends the load. */
export function startLoad(url: string): () => Promise<void> {
  let running = true;
  const clients = Array.from({ length: CLIENTS }, async (_, n) => {
    const client = new pg.Client({ connectionString: url, application_name: `shop-${n}` });
    client.on('error', () => (running = false));
    await client.connect();
    while (running) {
      // A deadlock or a cancelled statement is part of life; a lost connection ends this client.
      await steps[random(steps.length) - 1](client).catch(() =>
        client.query('rollback').catch(() => (running = false)),
      );
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await client.end();
  });
  return async () => {
    running = false;
    await Promise.allSettled(clients);
  };
}
