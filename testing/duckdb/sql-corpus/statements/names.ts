/** How a statement names tables and columns, and describes them. */
export const NAMES: readonly string[] = [
  // Snapshots.
  'select count(*) from demo.flights for version as of 1',
  "select count(*), min(id), max(id) from demo.flights for version as of 'audit'",
  'select id from demo.flights except select id from demo.flights for version as of 1 order by id limit 5',
  'select (select count(*) from demo.flights) - (select count(*) from demo.flights for version as of 1) as added',
  'with old as (select * from demo.flights for version as of 1) select count(*) from old anti join demo.carriers using (carrier)',
  'select n.id from demo.flights n left join demo.flights for version as of 1 o on o.id = n.id where o.id is null order by 1 limit 3',
  // Descriptions.
  'describe demo.staff',
  'describe select id, origin from demo.flights',
  'summarize select id from demo.staff',
  // Quotes, comments and cases.
  `select /* a comment; from demo.nothing */ id -- from demo.nothing
from demo.staff where id = 1`,
  'select "id", "Origin" from "demo"."flights" where "id" = 1',
  'SELECT ID FROM demo.staff WHERE Id = 2',
  'select id from demo.STAFF where id = 2',
  'select staff.id from demo.staff as staff where staff.id = 1',
  'select s.id as id, s from demo.staff s where s.id = 2',
  'select staff from demo.staff where id = 3',
  'select id, from_date: name from demo.staff where id = 1',
  'select "a.b" from (select id as "a.b" from demo.staff) order by 1',
  'select extract(epoch from departed) e from demo.flights where id = 2',
  "select cast(id as varchar) || ' from demo.flights' t from demo.staff where id = 1",
  "select id from demo.staff where name = 'from demo.staff' or name = 'Bo'",
]
