/** A small database for the demo: a shop with orders, an index nobody uses and a table that needs a vacuum. */
import type { PostgresServer } from './servers/index.ts';

const SCHEMA = `
  create extension pg_stat_statements;
  create table customers (
    id bigint generated always as identity primary key,
    email text not null unique,
    name text not null,
    city text not null
  );
  create table products (
    id integer generated always as identity primary key,
    title text not null,
    price numeric(10, 2) not null,
    stock integer not null
  );
  create table orders (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers,
    product_id integer not null references products,
    quantity integer not null,
    status text not null default 'new',
    created_at timestamptz not null default now()
  );
  create index orders_customer_id_idx on orders (customer_id);
  create index orders_status_created_at_idx on orders (status, created_at);
  create index customers_city_idx on customers (city);

  insert into customers (email, name, city)
  select 'user' || n || '@example.org', 'Customer ' || n, (array['Lyon', 'Porto', 'Graz', 'Gent'])[1 + n % 4]
    from generate_series(1, 5000) n;
  insert into products (title, price, stock)
  select 'Product ' || n, 5 + n % 90, 100000 from generate_series(1, 200) n;
  insert into orders (customer_id, product_id, quantity, created_at)
  select 1 + n % 5000, 1 + n % 200, 1 + n % 3, now() - n * interval '1 minute' from generate_series(1, 20000) n;
  analyze;`;

export async function createShop(postgres: PostgresServer): Promise<void> {
  await postgres.query('create database shop');
  await postgres.query(SCHEMA, 'shop');
}
