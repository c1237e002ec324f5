import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { field, type ParquetTable } from '../parquet-tables'

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

export const CORPUS_TABLES: readonly ParquetTable[] = [
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
