import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { QueryEngine } from '@/lib/query/engine'
import type { RowValue } from '@/lib/scan/read/row-values'
import { valueText } from '@/lib/scan/value-text'
import { field, type ParquetTable, type ParquetTableAccess, writeParquetTables } from './parquet-tables'

/**
 * A corpus of statements, by DuckDB through a whole adapter (names resolved, columns loaded, SQL
 * rewritten, results decoded) and by native DuckDB over the same Parquet files. Columns and all rows have to be equal.
 */

const struct = (...fields: NestedField[]): Type => ({ type: 'struct', fields })
const list = (elementId: number, element: Type): Type => ({ type: 'list', elementId, element, elementRequired: false })

const FLIGHTS = `select i::int as id, ['ABQ', 'BOS', 'CDG', 'DEN', 'OSL'][1 + i % 5] as origin,
  ['JFK', 'OSL', 'ABQ', 'SFO'][1 + (i * 7) % 4] as dest, ['AA', 'BA', 'DL', 'ZZ'][1 + (i // 3) % 4] as carrier,
  date '2023-01-01' + (i % 120)::int as day, timestamp '2023-01-01 05:30:00' + to_minutes(i * 97) as departed,
  case when i % 11 = 0 then null else ((i * 37) % 181 - 30)::int end as delay, (i * 13 % 4000) / 7.0 as distance,
  ((i * 1979) % 90000 / 100)::decimal(9, 2) as fare, i % 3 = 0 as cancelled from range(FROM, TO) r(i)`
const FLIGHT_FIELDS = [
  field(1, 'id', 'int'),
  field(2, 'origin', 'string'),
  field(3, 'dest', 'string'),
  field(4, 'carrier', 'string'),
  field(5, 'day', 'date'),
  field(6, 'departed', 'timestamp'),
  field(7, 'delay', 'int'),
  field(8, 'distance', 'double'),
  field(9, 'fare', 'decimal(9, 2)'),
  field(10, 'cancelled', 'boolean'),
]

const TABLES: readonly ParquetTable[] = [
  { name: 'demo.flights', rows: FLIGHTS.replace('FROM', '0').replace('TO', '400'), fields: FLIGHT_FIELDS },
  // The snapshot 1 of demo.flights, and its branch audit.
  { name: 'demo.flights_at_1', rows: FLIGHTS.replace('FROM', '0').replace('TO', '250'), fields: FLIGHT_FIELDS },
  { name: 'demo.flights_at_audit', rows: FLIGHTS.replace('FROM', '300').replace('TO', '340'), fields: FLIGHT_FIELDS },
  {
    name: 'demo.airports',
    rows: `select * from (values
      ('ABQ', 'Albuquerque', 'US', 1631, [{'name': '03/21', 'length': 3048}, {'name': '08/26', 'length': 4204}],
        map {'gates': 26, 'lounges': 2}, {'lat': 35.04::double, 'lon': -106.6::double}),
      ('BOS', 'Boston', 'US', 6, [{'name': '15R', 'length': 3073}], map {'gates': 102}, {'lat': 42.36, 'lon': -71.0}),
      ('CDG', 'Paris', 'FR', 119, [], map {}, {'lat': 49.0, 'lon': 2.55}),
      ('DEN', 'Denver', 'US', 1655, null, null, null),
      ('OSL', 'Oslo', 'NO', 208, [{'name': '01L', 'length': 3600}, {'name': null, 'length': null}],
        map {'gates': 76, 'lounges': 5}, {'lat': 60.19, 'lon': null}))
      v(code, city, country, elevation, runways, tags, location)`,
    fields: [
      field(1, 'code', 'string'),
      field(2, 'city', 'string'),
      field(3, 'country', 'string'),
      field(4, 'elevation', 'int'),
      field(5, 'runways', list(8, struct(field(9, 'name', 'string'), field(10, 'length', 'int')))),
      field(6, 'tags', { type: 'map', keyId: 11, key: 'string', valueId: 12, value: 'int', valueRequired: false }),
      field(7, 'location', struct(field(13, 'lat', 'double'), field(14, 'lon', 'double'))),
    ],
  },
  {
    name: 'demo.carriers',
    rows: `select * from (values ('AA', 'American', 1926), ('BA', 'British', 1974), ('DL', 'Delta', 1925), ('SK', 'SAS', null))
      v(carrier, name, founded)`,
    fields: [field(1, 'carrier', 'string'), field(2, 'name', 'string'), field(3, 'founded', 'int')],
  },
  {
    name: 'demo.staff',
    rows: `select * from (values (1, 'Ada', null), (2, 'Bo', 1), (3, 'Cy', 1), (4, 'Di', 2), (5, 'Ed', 4), (6, 'Fi', null))
      v(id, name, boss)`,
    fields: [field(1, 'id', 'int'), field(2, 'name', 'string'), field(3, 'boss', 'int')],
  },
  {
    name: 'lab.demo.staff',
    rows: `select * from (values (1, 'Lea'), (2, 'Max'), (7, 'Noa')) v(id, name)`,
    fields: [field(1, 'id', 'int'), field(2, 'name', 'string')],
  },
  {
    name: 'lab.demo.fares',
    rows: `select ['ABQ', 'BOS', 'OSL'][1 + i % 3] as origin, date '2023-01-01' + (i * 9)::int as since,
      (100 + i * 1.25)::decimal(7, 2) as price from range(30) r(i)`,
    fields: [field(1, 'origin', 'string'), field(2, 'since', 'date'), field(3, 'price', 'decimal(7, 2)')],
  },
  {
    name: 'lab.demo.words',
    rows: `select * from (values ('it''s'), ('Größe'), ('日本 語'), ('a,b;c'), (''), (null), ('Naïve CAFÉ'), ('tab\there'))
      v(word)`,
    fields: [field(1, 'word', 'string')],
  },
]

export const CORPUS_STATEMENTS: readonly string[] = [
  // Selecting and filtering.
  'select * from demo.flights where id < 3',
  'from demo.flights select id, delay limit 5',
  'from demo.carriers',
  'select id, delay from demo.flights where delay is null order by id',
  'select distinct origin, dest from demo.flights order by all',
  'select distinct on (origin) origin, id from demo.flights order by origin, id',
  "select id from demo.flights where delay between 10 and 20 and origin in ('ABQ', 'OSL') order by id",
  "select id from demo.flights where origin like '_B%' and dest not like 'J%' order by id desc limit 7",
  "select id from demo.flights where regexp_matches(origin, '^[A-C]') and not cancelled order by 1 limit 9 offset 3",
  'select count(*), count(delay), count(distinct origin) from demo.flights',
  'select * exclude (distance, fare) from demo.flights where id = 42',
  "select * replace (upper(origin) || '!' as origin) from demo.flights where id = 42",
  "select columns('^d') from demo.flights where id = 7",
  "select columns(c -> c like 'd%' or c = 'id') from demo.flights where id = 8",
  'select min(columns(* exclude (cancelled))) from demo.flights',
  'select f.* from demo.flights f where f.id = 1',
  'select demo.flights.id, flights.origin from demo.flights where demo.flights.id = 5',
  'select id as "select", origin as "from" from demo.flights where id = 3',
  "select demo.flights.origin || '-' || demo.flights.dest from demo.flights where id = 9",
  'select id from demo.flights order by delay nulls first, id limit 5',
  'select id from demo.flights order by delay desc nulls last, id desc limit 5',
  'select id, delay from demo.flights order by 2 desc, 1 limit 10 offset 5',
  "select id from demo.flights where (origin, dest) = ('ABQ', 'JFK') order by id",
  "select id from demo.flights where (origin, dest) in (select code, 'JFK' from demo.airports) order by id limit 5",
  'select id from demo.flights where delay is distinct from null and delay is not distinct from 7 order by id',
  "select coalesce(delay, -1) d, nullif(origin, 'ABQ') o from demo.flights where id < 12 order by id",
  "select case origin when 'ABQ' then 1 when 'BOS' then 2 else 0 end k, count(*) from demo.flights group by k order by k",
  "select if(delay > 0, 'late', 'ok') s, count(*) from demo.flights group by all order by all",
  'select greatest(id, delay), least(id, delay) from demo.flights where id < 13 order by id',
  'select id % 5 as m, id // 7 as q, id / 8 as d, -id as n, id ** 2 as p from demo.flights where id < 20 order by id',
  'select bit_count(id), id & 6, id | 1, xor(id, 3), id << 2, id >> 1 from demo.flights where id < 10 order by id',
  "select max(id) filter (where origin = 'OSL') from demo.flights",
  'select fare + 0.005, fare * 3, fare / 7, round(fare, 1), fare::int from demo.flights where id < 20 order by id',
  'select sum(fare), avg(fare), min(fare), max(fare) from demo.flights',
  'select distance::int, round(distance, 3), floor(distance), ceil(-distance), abs(distance - 100) from demo.flights where id < 15 order by id',
  'select sqrt(distance), ln(distance + 1), exp(1), pi(), sin(distance) from demo.flights where id < 10 order by id',
  "select try_cast(origin as int) a, cast(id as varchar) b, id::double c, '12'::int d from demo.flights where id = 4",
  "select 1 + 1 as two, 'x' as letter",
  "values (1, 'a'), (2, 'b')",
  "select * from (values (1, 'a'), (2, 'b')) t(n, s) join demo.staff on staff.id = n order by n",
  // Aggregates.
  'select origin, count(*) n, avg(delay) a from demo.flights group by origin order by n desc, origin',
  'select origin, dest, sum(fare) from demo.flights group by rollup (origin, dest) order by all',
  'select origin, dest, count(*), grouping(origin), grouping_id(origin, dest) from demo.flights group by cube (origin, dest) order by all',
  'select origin, carrier, count(*) from demo.flights group by grouping sets ((origin), (carrier), ()) order by all',
  'select origin, carrier, count(*) from demo.flights group by origin, grouping sets ((carrier), ()) order by all',
  'select origin, count(*) from demo.flights group by 1 having count(*) > 79 order by 1',
  "select origin, string_agg(distinct carrier, '+' order by carrier) from demo.flights group by origin order by origin",
  'select origin, list(id order by id desc)[1:3] from demo.flights group by origin order by origin',
  'select origin, array_agg(distinct dest order by dest) from demo.flights group by all order by all',
  'select median(delay), quantile_cont(delay, 0.9), quantile_disc(delay, [0.1, 0.5]), mode(origin) from demo.flights',
  'select stddev_samp(delay), var_pop(delay), corr(delay, distance), covar_pop(delay, distance), regr_slope(delay, distance) from demo.flights',
  'select arg_min(id, delay), arg_max(id, distance), max_by(origin, id), min_by(dest, id) from demo.flights',
  'select arg_max(id, id, 3), max(id, 2), min(distance, 2) from demo.flights',
  'select bool_and(cancelled), bool_or(cancelled), bit_and(id), bit_or(id), bit_xor(id) from demo.flights',
  'select first(id order by id), last(id order by id), any_value(origin order by id) from demo.flights',
  'select histogram(origin) from demo.flights',
  'select approx_count_distinct(origin) between 4 and 6, count_if(delay > 100) from demo.flights',
  "select sum(delay) filter (where origin = 'ABQ') a, sum(delay) filter (where origin = 'BOS') b from demo.flights",
  'select product(founded / 1000.0), entropy(carrier), kurtosis(founded), skewness(founded) from demo.carriers',
  'select list_sort(list(distinct origin)), len(list(dest)) from demo.flights',
  'select map_from_entries(list((origin, id) order by id)) from demo.flights where id < 4',
  "select date_trunc('month', day) m, count(*), sum(fare) from demo.flights group by m order by m",
  'select origin, unnest(list(distinct dest order by dest)) d from demo.flights group by origin order by all',
  'select count(*) from (select origin from demo.flights group by origin having sum(delay) > 1000)',
  'select sum(id) over () is null, count(*) from demo.flights group by 1 + 0 > 2, id having id < 2',
  // Joins.
  'select f.id, a.city from demo.flights f join demo.airports a on f.origin = a.code where f.id < 10 order by f.id',
  'select f.id, c.name from demo.flights f left join demo.carriers c using (carrier) where id < 15 order by id',
  'select carrier, count(id) from demo.flights right join demo.carriers using (carrier) group by all order by all',
  'select carrier, c.name, count(f.id) from demo.flights f full outer join demo.carriers c using (carrier) group by all order by all',
  'select count(*) from demo.flights a, demo.flights b where a.id = b.id + 1 and a.origin <> b.origin',
  'select a.code, b.code from demo.airports a cross join demo.airports b where a.code < b.code order by all',
  'select a.code, b.code from demo.airports a, demo.airports b where a.elevation < b.elevation order by 1, 2',
  'select count(*) from demo.flights natural join demo.carriers',
  'select count(*) from demo.flights f semi join demo.carriers c on f.carrier = c.carrier',
  'select distinct carrier from demo.flights f anti join demo.carriers c on f.carrier = c.carrier',
  'select * from demo.carriers positional join demo.staff order by id',
  'select f.id, p.price from demo.flights f asof join lab.demo.fares p on f.origin = p.origin and f.day >= p.since order by f.id',
  'select f.id, p.price from demo.flights f asof left join lab.demo.fares p on f.origin = p.origin and f.day >= p.since order by f.id limit 40',
  'select count(*) from demo.flights f join lab.demo.fares p on p.origin = f.origin and p.since between f.day - 5 and f.day',
  'select a.id, b.id from demo.staff a left join demo.staff b on a.boss = b.id order by a.id',
  'select s.name, b.name, c.name from demo.staff s join demo.staff b on s.boss = b.id join demo.staff c on b.boss = c.id order by 1',
  'select local.demo.staff.name from local.demo.staff where local.demo.staff.id = 1',
  'select x.origin, y.price from local.demo.flights x join lab.demo.fares y on x.origin = y.origin and x.day = y.since order by all',
  'select f.id from demo.flights f where exists (select 1 from demo.carriers c where c.carrier = f.carrier and c.founded < 1930) order by 1 limit 5',
  'select f.id from demo.flights f where not exists (from demo.carriers c where c.carrier = f.carrier) order by 1 limit 5',
  'select * from (demo.staff s join demo.carriers c on s.id = c.founded % 7) order by id',
  'select t.n, f.id from range(3) t(n) join demo.flights f on f.id = t.n order by 1',
  'select * from demo.staff s join (select boss, count(*) n from demo.staff group by boss) b on b.boss = s.id order by s.id',
  'select count(*) from demo.flights f join demo.airports o on f.origin = o.code join demo.airports d on f.dest = d.code where o.country <> d.country',
  'select s.name a, lab.demo.staff.name b from demo.staff s join lab.demo.staff on s.id = lab.demo.staff.id order by 1',
  'select count(*) from demo.flights, lab.demo.fares where flights.origin = fares.origin and flights.day < fares.since',
  'select staff.name, flights.id from demo.staff join demo.flights on flights.id = staff.id order by staff.name',
  'select x.name from lab.demo.staff x where x.id not in (select id from demo.staff) order by 1',
  // Snapshots.
  'select count(*) from demo.flights for version as of 1',
  "select count(*), min(id), max(id) from demo.flights for version as of 'audit'",
  'select id from demo.flights except select id from demo.flights for version as of 1 order by id limit 5',
  'select (select count(*) from demo.flights) - (select count(*) from demo.flights for version as of 1) as added',
  'with old as (select * from demo.flights for version as of 1) select count(*) from old anti join demo.carriers using (carrier)',
  'select n.id from demo.flights n left join demo.flights for version as of 1 o on o.id = n.id where o.id is null order by 1 limit 3',
  // Common table expressions.
  'with a as (select 1 x), b as (select x + 1 y from a) select * from a, b',
  'with late as (select * from demo.flights where delay > 100) select origin, count(*) from late group by origin order by origin',
  'with flights as (select 1 as id) select * from flights',
  'with f as materialized (select origin, avg(delay) d from demo.flights group by origin) select * from f where d > (select avg(d) from f) order by origin',
  'with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select sum(n) from r',
  'with recursive chain(id, name, depth) as (select id, name, 0 from demo.staff where boss is null union all select s.id, s.name, depth + 1 from demo.staff s join chain c on s.boss = c.id) select * from chain order by depth, id',
  "with recursive up(id, path) as (select id, name from demo.staff where boss is null union all select s.id, path || '>' || s.name from demo.staff s, up where s.boss = up.id) select path from up order by path",
  'with recursive fib(a, b) as (select 0, 1 union all select b, a + b from fib where b < 100) select a from fib order by a',
  'with recursive t(x) as (select 1 union select (x * 3) % 7 from t) select x from t order by x',
  'with a(n) as (select id from demo.staff), b as (with c as (select n * 2 m from a) select * from c) select sum(m) from b',
  'with x as (select * from demo.staff) select * from x where id = (select max(id) from x)',
  'with demo as (select 5 as id) select * from demo',
  'with t as (from demo.staff), u as (from t where boss = 1) from u select name order by name',
  'select * from (with q as (select id from demo.staff) select * from q where id > 4) order by 1',
  // Window functions.
  'select id, row_number() over (order by delay nulls last, id) r from demo.flights order by r limit 10',
  'select id, rank() over w, dense_rank() over w, ntile(4) over w from demo.flights where id < 30 window w as (order by origin) order by id',
  'select id, lag(delay) over (partition by origin order by id) p, lead(id, 2, -1) over (partition by origin order by id) n from demo.flights where id < 25 order by id',
  'select id, sum(fare) over (partition by carrier order by id rows between 2 preceding and current row) s from demo.flights where id < 40 order by id',
  'select id, avg(delay) over (order by day range between interval 3 days preceding and current row) a from demo.flights where id < 60 order by id',
  'select id, count(*) over (order by id groups between 1 preceding and 1 following exclude current row) c from demo.flights where id < 10 order by id',
  'select origin, id from demo.flights qualify row_number() over (partition by origin order by fare desc, id) = 1 order by origin',
  'select origin, id, fare from demo.flights qualify rank() over (partition by origin order by fare desc) <= 2 order by all',
  'select id, first_value(id) over w f, last_value(id) over w l, nth_value(id, 2) over w n from demo.flights where id < 12 window w as (partition by origin order by id rows between unbounded preceding and unbounded following) order by id',
  'select id, percent_rank() over (order by id) p, cume_dist() over (order by id) c from demo.staff order by id',
  'select day, sum(n) over (order by day) running from (select day, count(*) n from demo.flights group by day) order by day limit 12',
  'select origin, sum(sum(fare)) over (order by origin) t from demo.flights group by origin order by origin',
  'select id, lag(delay ignore nulls) over (order by id) l from demo.flights where id < 25 order by id',
  'select id, max(fare) filter (where not cancelled) over (order by id) m from demo.flights where id < 15 order by id',
  'select distinct origin, count(*) over (partition by origin) n from demo.flights order by origin',
  'select id, list(id) over (order by id rows 1 preceding) l from demo.staff order by id',
  'select carrier, avg(delay) a, rank() over (order by avg(delay) desc) r from demo.flights group by carrier order by r',
  // Set operations.
  'select origin from demo.flights union select code from demo.airports order by 1',
  'select origin from demo.flights where id < 3 union all select origin from demo.flights where id < 2 order by 1',
  'select origin from demo.flights intersect select dest from demo.flights order by 1',
  'select dest from demo.flights except select origin from demo.flights order by 1',
  'select carrier from demo.flights where id < 9 intersect all select carrier from demo.flights where id < 6 order by 1',
  'select carrier from demo.flights where id < 9 except all select carrier from demo.flights where id < 6 order by 1',
  'select id, name from demo.staff union by name select name, founded from demo.carriers order by all',
  'select 1 a union all by name select 2 b order by all',
  '(select id from demo.staff order by id desc limit 2) union all (select 0) order by 1',
  'select count(*) from (select id from demo.flights union all select id from demo.flights)',
  'from demo.staff union from demo.staff order by id',
  // Subqueries.
  'select id, (select city from demo.airports a where a.code = f.origin) city from demo.flights f where id < 6 order by id',
  'select id from demo.flights f where delay > (select avg(delay) + 80 from demo.flights g where g.origin = f.origin) order by id',
  'select origin, fare from demo.flights f where fare = (select max(fare) from demo.flights where origin = f.origin) order by origin',
  'select id from demo.flights where delay > all (select founded - 1900 from demo.carriers where founded is not null) order by id limit 5',
  'select id from demo.flights where delay = any (select id from demo.staff) order by id',
  'select id in (select boss from demo.staff) b, id not in (select boss from demo.staff where boss is not null) c from demo.staff order by id',
  'select (select sum(delay) from demo.flights) / (select count(*) from demo.flights) r',
  'select a.code, t.id from demo.airports a, lateral (select id from demo.flights f where f.origin = a.code order by id limit 2) t order by all',
  'select a.code, x.n from demo.airports a left join lateral (select count(*) n from demo.flights where origin = a.code and delay > 120) x on true order by 1',
  'select c.carrier, u.v from demo.carriers c, lateral (select unnest([c.founded, c.founded + 1]) v) u where c.founded is not null order by all',
  'select * from (select id, origin from demo.flights) t where t.id in (1, 2) order by id',
  'select array(select id from demo.staff order by id desc) l',
  'select exists(select * from demo.staff where id > 100) e',
  'select s.id, (select count(*) from demo.staff t where t.boss = s.id) n from demo.staff s order by n desc, id',
  // Lists, structs and maps.
  'select code, len(runways) n, runways[1].name as one from demo.airports order by code',
  'select code, unnest(runways) r from demo.airports order by code, r',
  'select code, r.name, r.length from demo.airports, unnest(runways) t(r) order by all',
  "select code, unnest(runways, recursive := true) from demo.airports where code = 'ABQ' order by 3",
  "select code, location.lat, location['lon'] lon from demo.airports order by code",
  "select code, tags['gates'] g, cardinality(tags) n, map_keys(tags) k, map_values(tags) v from demo.airports order by code",
  'select code, list_transform(runways, r -> r.length) l from demo.airports order by code',
  'select code, list_filter(runways, r -> r.length > 3500) l from demo.airports order by code',
  'select code, [r.length for r in runways if r.length is not null] l from demo.airports order by code',
  "select code, list_reduce(list_transform(runways, r -> r.length), (a, b) -> a + b) s from demo.airports where len(runways) > 0 and code <> 'OSL' order by code",
  "select list_sum([1, 2, 3]) s, list_avg([1, 2]) a, list_distinct([1, 1, 2]) d, list_contains([1, 2], 2) c, list_position(['a', 'b'], 'b') p",
  "select [1, 2, 3][2:] a, [1, 2, 3][-1] b, [1, 2] || [3] c, list_reverse([1, 2, 3]) d, list_zip([1, 2], ['a', 'b']) e",
  "select {'a': 1, 'b': {'c': [1, 2]}} s, struct_pack(x := 1, y := 'z') p, row(1, 'a') r",
  "select map {'a': 1, 'b': 2} m, map_entries(map {'x': 1}) e, element_at(map {'x': 1}, 'x') v",
  "select struct_extract(location, 'lat') lat, struct_insert(location, name := city) more from demo.airports where location is not null order by 1",
  'select code, tags from demo.airports order by code',
  "select runways from demo.airports where code = 'OSL'",
  'select location from demo.airports order by code',
  "select code from demo.airports where list_contains(map_keys(tags), 'lounges') order by code",
  "select list_aggregate([1, 2, 5], 'max') m, flatten([[1], [2, 3]]) f, range(5) r, generate_series(1, 9, 3) g",
  "select unnest([1, 2, 3]) n, unnest(['a', 'b']) s order by n",
  'select i, j from range(3) a(i), range(i) b(j) order by all',
  "select array_value(1, 2, 3) a, array_length([1, 2]) l, array_to_string(['a', 'b'], '-') s",
  `select json_extract_string('{"a": {"b": "c"}}', '$.a.b') j, to_json(location) l from demo.airports where code = 'ABQ'`,
  // Pivots.
  'pivot demo.flights on origin using count(*) group by carrier order by carrier',
  "pivot demo.flights on origin in ('ABQ', 'BOS') using sum(fare) as f, count(*) as n group by carrier order by carrier",
  'from (pivot demo.flights on cancelled using max(delay) group by origin) order by origin',
  "select * from demo.flights pivot (count(*) for origin in ('ABQ', 'OSL') group by carrier) order by carrier",
  'unpivot (select origin, min(delay) lo, max(delay) hi from demo.flights group by origin) on lo, hi into name kind value d order by all',
  'select * from (select id, boss from demo.staff) unpivot include nulls (v for k in (id, boss)) order by all',
  'unpivot demo.staff on columns(* exclude (name)) into name k value v order by all',
  // Texts.
  'select upper(word) u, lower(word) l, length(word) n, strlen(word) b, reverse(word) r from lab.demo.words order by word',
  'select word, substring(word, 2, 3) s, left(word, 2) l, right(word, 2) r, word[2] c from lab.demo.words order by word',
  "select split(word, ' ') p, string_split_regex(word, '[,;]') q, replace(word, 'a', '_') r from lab.demo.words order by word",
  `select regexp_replace(word, '[a-z]+', '<\\0>') r, regexp_extract(word, '([a-z])([a-z])', 2) e, regexp_extract_all(word, '[A-Z]') a from lab.demo.words order by word`,
  "select trim(both 'a' from 'aabaa') t, trim('  x ') s, ltrim('xxa', 'x') l, rpad('a', 3, '*') p, repeat('ab', 2) r",
  "select concat('a', null, 'b') c, concat_ws('-', 'a', null, 'b') w, 'a' || null n, format('{}-{:04d}', 'x', 7) f, printf('%5.2f', 3.14159) p",
  "select position('o' in 'foo') p, strpos('abc', 'c') s, contains('abc', 'b') c, starts_with('abc', 'ab') w, 'abc' ~ 'b' m, suffix('abc', 'c') x",
  "select ascii('a') a, chr(233) c, unicode('é') u, md5('x') m, sha256('x') s, hex('a') h, base64('ab'::blob) b",
  "select word from lab.demo.words where word ilike '%café%' or word glob 'a*' order by word",
  'select word collate nocase w from lab.demo.words order by word collate nocase nulls last',
  "select levenshtein('kitten', 'sitting') l, jaccard('ab', 'bc') j, hamming('abc', 'abd') h, damerau_levenshtein('ab', 'ba') d",
  'select extract(year from day) y, "left"(origin, 1) o from demo.flights where id = 3',
  `select 'it''s' a, E'tab\\tx' b, $$dollar 'quoted'$$ c, $tag$x$tag$ d, '\\x41'::blob e`,
  // Dates and times.
  'select day, year(day), month(day), dayofweek(day), isodow(day), week(day), quarter(day), dayname(day), monthname(day) from demo.flights where id < 5 order by id',
  "select day + 1, day - interval 1 month, day + interval '1 day 2 hours', date_diff('day', date '2022-12-31', day) as n from demo.flights where id < 5 order by id",
  "select departed, date_trunc('hour', departed), extract(minute from departed), departed::date as d, departed::time as t from demo.flights where id < 5 order by id",
  "select strftime(departed, '%Y/%m/%d %H:%M') f, strptime('15.05.2023', '%d.%m.%Y') p, epoch(departed) e from demo.flights where id = 5",
  "select date_part('doy', day) d, last_day(day) l, make_date(2024, 2, 29) m, make_timestamp(2024, 2, 29, 12, 0, 0.5) t from demo.flights where id = 6",
  "select time_bucket(interval '1 week', day) b, count(*) from demo.flights group by b order by b limit 5",
  "select generate_series(date '2024-02-27', date '2024-03-01', interval 1 day) g",
  "select date '2024-01-31' + interval 1 month a, timestamp '2024-01-01' - timestamp '2023-12-31 12:00:00' > interval '11 hours' b, age(date '2024-03-01', date '2024-02-01')::varchar c",
  "select datesub('month', date '2023-01-31', date '2023-02-28') s, datediff('month', date '2023-01-31', date '2023-02-28') d, to_days(3)::varchar t",
  "select count(*) from demo.flights where day between date '2023-02-01' and date '2023-02-28'",
  "select count(*) from demo.flights where departed >= '2023-01-10' and departed < '2023-01-11 12:00:00'",
  "select timestamptz '2023-05-15 16:30:45+02' t, timestamptz '2023-05-15 16:30:45+02' = '2023-05-15 14:30:45Z' e",
  // Decimals and numbers.
  'select 0.1 + 0.2 = 0.3 d, 1.5::decimal(4, 1) * 2.25 m, 10 / 4 q, 10 // 4 i, -7 % 3 r, 2 ^ 10 p',
  'select round(2.5) a, round(-2.5) b, round(123.456, -1) c, trunc(-2.7) d, sign(-3) e, gcd(12, 18) f, factorial(10) g',
  'select 9223372036854775807 a, 9223372036854775808 b, 170141183460469231731687303715884105727 c, 1e3 d, 1_000 f',
  "select 'nan'::double n, 'inf'::double i, 'nan'::double = 'nan'::double e, isnan('nan'::float) s",
  'select 12345678901234567890.1234567890::decimal(38, 10) a, 1::decimal(38, 0) / 3 b',
  // Sampling, with a seed.
  'select count(*) from demo.flights using sample reservoir(50 rows) repeatable (42)',
  'select count(*) from (select * from demo.flights using sample 10 rows)',
  'select count(*) from demo.flights tablesample reservoir(20 rows) repeatable (7)',
  'select count(*) between 0 and 400 from demo.flights tablesample bernoulli(25 percent) repeatable (1)',
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

export type SqlCorpus = {
  runNatively(sql: string): Promise<CorpusRows>
  runInAdapter(sql: string): Promise<CorpusRows>
  close(): void
}

/** Writes the tables, and opens them in native DuckDB and in an adapter. */
export async function openSqlCorpus(
  openAdapter: (access: ParquetTableAccess) => Promise<Pick<QueryEngine, 'run'>>,
): Promise<SqlCorpus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sql-corpus-'))
  const instance = await DuckDBInstance.create(':memory:')
  const native = await instance.connect()
  await native.run("set TimeZone = 'UTC'; attach ':memory:' as lab; create schema demo; create schema lab.demo")
  const engine = await openAdapter(await writeParquetTables(native, folder, TABLES))
  return {
    runNatively: (sql) => runNatively(native, sql),
    runInAdapter: (sql) => runInAdapter(engine, sql),
    close: () => {
      native.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true })
    },
  }
}

export type CorpusRows = { names: readonly string[]; rows: readonly string[] }

async function runNatively(native: DuckDBConnection, sql: string): Promise<CorpusRows> {
  // A snapshot or a branch is a table of its own here, and the connection `local` is the database itself.
  const own = sql.replace(/ for version as of '?(\w+)'?/g, '_at_$1').replaceAll('local.', '')
  const reader = await native.runAndReadAll(own)
  const rows = reader.getRowsJson().map((row) => JSON.stringify(row, (_, value: unknown) => normalize(value)))
  return { names: reader.columnNames(), rows: inOrder(sql, rows) }
}

async function runInAdapter(engine: Pick<QueryEngine, 'run'>, sql: string): Promise<CorpusRows> {
  const request = {
    sql,
    cursor: 0,
    connection: 'local',
    connections: ['local', 'lab'],
    maxRows: 10_000,
    timeZone: 'UTC',
  }
  const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
  const { batches, columns } = await engine.run(request, options)
  const rows = batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_row, row) =>
      JSON.stringify(
        columns.map(({ type }, column) => toJson(type, value(row, column))),
        (_, item: unknown) => normalize(item),
      ),
    ),
  )
  return { names: columns.map(({ name }) => name), rows: inOrder(sql, rows) }
}

/** Sorted, unless the statement itself orders its rows. */
function inOrder(sql: string, rows: readonly string[]): readonly string[] {
  let outside = sql.toLowerCase()
  for (let before = ''; before !== outside; ) {
    before = outside
    outside = outside.replace(/\([^()]*\)/g, '')
  }
  return outside.includes('order by') ? rows : rows.toSorted()
}

/** A value as the JSON of DuckDB's client for Node. */
function toJson(type: Type, value: RowValue | null): unknown {
  if (value === null) return null
  if (typeof type === 'string') {
    if (typeof value === 'boolean' || typeof value === 'string') return value
    if (type === 'int' || type === 'float' || type === 'double') return value
    if (value instanceof Uint8Array) return blobText(value)
    if (typeof value === 'object') throw new Error(`a ${type} is a list`)
    return valueText(type, value, 'UTC')
  }
  const items = value as readonly (RowValue | null)[]
  switch (type.type) {
    case 'struct':
      return Object.fromEntries(type.fields.map(({ name, type: each }, i) => [name, toJson(each, items[i] ?? null)]))
    case 'list':
      return items.map((item) => toJson(type.element, item))
    case 'map':
      return items.map((entry) => {
        const [key = null, item = null] = entry as readonly (RowValue | null)[]
        return { key: toJson(type.key, key), value: toJson(type.value, item) }
      })
  }
}

function blobText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

/** Fractions of seconds without zeros at their end, and offsets in hours; special numbers as text. */
function normalize(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'string' || !/\d\d:\d\d:\d\d/.test(value)) return value
  return value
    .replace(/(:\d\d)\.(\d*?)0+(?=\D|$)/, (_, seconds: string, digits: string) =>
      digits === '' ? seconds : `${seconds}.${digits}`,
    )
    .replace(/([+-]\d\d):00$/, '$1')
}
