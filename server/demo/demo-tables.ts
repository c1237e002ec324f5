import 'server-only'
import { copyFile } from 'node:fs/promises'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { Columns } from './columns'
import { CODEC_PROPERTY } from '@/lib/iceberg/properties/compression'
import { type DemoLoads, manualLoad, SPECIES_LOADS, WEATHER_LOADS } from './demo-history'
import { pickRows, sourceFile, unpackEarthquakes, replaceHeader } from './sources'

/** A demo table whose loads are alike. */
export type DemoTable = {
  namespace: string
  table: string
  comment: string
  owner: string
  columns: readonly NestedField[]
  partitionBy: string | null
  format: InputFormat
  loads: DemoLoads
  /** Besides those that all demo tables have. */
  properties?: Readonly<Record<string, string>>
  /** Writes the input of a load to a file. */
  prepare: (target: string, loadIndex: number) => Promise<void>
}

/** The columns of `demo.flights` before its first load; later loads evolve it. */
export function flightsColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('date', 'timestamp', 'Scheduled departure, local time', { required: true }),
    column('delay', 'int', 'Minutes late at arrival; negative is early'),
    column('distance', 'int', 'Miles between the airports'),
    column('origin', 'string', 'Airport of departure, IATA code', { required: true }),
    column('destination', 'string', 'Airport of arrival, IATA code', { required: true }),
  ]
}

const FIRST_WEATHER_YEAR = 2012

export const DEMO_TABLES: readonly DemoTable[] = [
  {
    namespace: 'demo',
    table: 'earthquakes',
    comment: 'Earthquakes of one week of 2018, worldwide (USGS)',
    owner: 'geology',
    columns: earthquakeColumns(),
    partitionBy: 'day(at)',
    format: 'ndjson',
    loads: manualLoad(400),
    prepare: (target) => unpackEarthquakes(sourceFile('earthquakes.json'), target),
  },
  {
    namespace: 'demo',
    table: 'birdstrikes',
    comment: 'Collisions of aircraft with wildlife, 1990 to 2002 (FAA)',
    owner: 'safety',
    columns: birdstrikeColumns(),
    partitionBy: 'year(flight_date)',
    format: 'csv',
    loads: manualLoad(452),
    properties: { [CODEC_PROPERTY]: 'gzip' },
    prepare: (target) =>
      replaceHeader(
        sourceFile('birdstrikes.csv'),
        birdstrikeColumns().map(({ name }) => name),
        target,
      ),
  },
  {
    namespace: 'demo',
    table: 'weather',
    comment: 'Daily weather of Seattle and New York, 2012 to 2015 (NOAA)',
    owner: 'climate',
    columns: weatherColumns(),
    partitionBy: 'location, year(date)',
    format: 'csv',
    loads: WEATHER_LOADS,
    // The date is the second column.
    prepare: (target, loadIndex) => pickRows(sourceFile('weather.csv'), `,${FIRST_WEATHER_YEAR + loadIndex}-`, target),
  },
  {
    namespace: 'demo',
    table: 'airports',
    comment: 'Airports of the United States',
    owner: 'operations',
    columns: airportColumns(),
    partitionBy: null,
    format: 'csv',
    loads: manualLoad(672),
    prepare: (target) => copyFile(sourceFile('airports.csv'), target),
  },
  {
    namespace: 'demo',
    table: 'species',
    comment: 'Habitats of four animal species, by county (USGS)',
    owner: 'biology',
    columns: speciesColumns(),
    partitionBy: 'bucket(4, county_id)',
    format: 'csv',
    loads: SPECIES_LOADS,
    prepare: (target) => copyFile(sourceFile('species.csv'), target),
  },
  {
    namespace: 'stocks',
    table: 'daily',
    comment: 'S&P 500, each trading day from 2000 to 2020',
    owner: 'markets',
    columns: stockColumns(),
    partitionBy: 'year(date)',
    format: 'csv',
    loads: manualLoad(190),
    prepare: (target) => copyFile(sourceFile('sp500-2000.csv'), target),
  },
]

function earthquakeColumns(): readonly NestedField[] {
  const { column, struct, list, map } = new Columns()
  return [
    column('id', 'string', 'Event id, assigned by its network', { required: true }),
    column('at', 'timestamptz', 'When it happened', { required: true }),
    column('updated_at', 'timestamptz', 'When the event was last revised'),
    column('magnitude', 'double', 'Below zero for the smallest ones'),
    column('magnitude_type', 'string', 'How the magnitude was computed: ml, md, mb, mww …'),
    column('place', 'string', 'Nearest town, for people'),
    column('kind', 'string', 'earthquake, quarry blast, explosion …'),
    column('status', 'string', 'automatic, or reviewed by a person'),
    column(
      'location',
      struct(
        column('longitude', 'double', 'Degrees east'),
        column('latitude', 'double', 'Degrees north'),
        column('depth_km', 'double', 'Below the surface'),
      ),
      'Hypocentre',
    ),
    column(
      'impact',
      struct(
        column('significance', 'int', '0 to 1000'),
        column('tsunami', 'boolean', 'In oceanic regions'),
        column('felt_reports', 'int', 'People who said they felt it'),
        column('cdi', 'double', 'Highest intensity reported'),
        column('mmi', 'double', 'Highest intensity estimated'),
        column('alert', 'string', 'green, yellow, orange or red'),
      ),
      'Effects of the event',
    ),
    column('networks', list('string'), 'Networks that contributed'),
    column('products', list('string'), 'Products published about the event'),
    column('measures', map('string', 'double'), 'Known quality measures of the solution'),
    column('url', 'string', 'Page of the event'),
  ]
}

function birdstrikeColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('airport_name', 'string', 'Where it happened or was reported'),
    column('aircraft_model', 'string', 'Make and model'),
    column('damage', 'string', 'None, Minor, Medium, Substantial, B or C'),
    column('flight_date', 'date', 'Day of the flight', { required: true }),
    column('operator', 'string', 'Airline, or MILITARY'),
    column('origin_state', 'string', 'State of departure'),
    column('phase_of_flight', 'string', 'Approach, Climb, Landing Roll …'),
    column('wildlife_size', 'string', 'Small, Medium or Large'),
    column('wildlife_species', 'string', 'Species, if it was identified'),
    column('time_of_day', 'string', 'Dawn, Day, Dusk or Night'),
    column('cost_other', 'long', 'US dollars'),
    column('cost_repair', 'long', 'US dollars'),
    column('cost_total', 'long', 'US dollars'),
    column('speed_knots', 'int', 'Indicated airspeed'),
  ]
}

function weatherColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('location', 'string', 'Seattle or New York', { required: true }),
    column('date', 'date', 'Day of the observation', { required: true }),
    column('precipitation', 'decimal(5, 1)', 'Millimetres'),
    column('temp_max', 'decimal(4, 1)', 'Degrees Celsius'),
    column('temp_min', 'decimal(4, 1)', 'Degrees Celsius'),
    column('wind', 'decimal(4, 1)', 'Metres per second'),
    column('weather', 'string', 'drizzle, fog, rain, snow or sun'),
  ]
}

function airportColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('iata', 'string', 'Code of the airport', { required: true }),
    column('name', 'string', 'Name of the airport'),
    column('city', 'string', 'City it serves'),
    column('state', 'string', 'Postal code of the state'),
    column('country', 'string', 'Almost always USA'),
    column('latitude', 'double', 'Degrees north'),
    column('longitude', 'double', 'Degrees east'),
  ]
}

function speciesColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('item_id', 'string', 'Id of the habitat map'),
    column('common_name', 'string', 'English name'),
    column('scientific_name', 'string', 'Latin name'),
    column('gap_species_code', 'string', 'Code of the Gap Analysis Project'),
    column('county_id', 'string', 'FIPS code of the county', { required: true }),
    column('habitat_yearround_pct', 'decimal(5, 4)', 'Share of the county where it can live all year, 0 to 1'),
  ]
}

function stockColumns(): readonly NestedField[] {
  const { column } = new Columns()
  return [
    column('date', 'date', 'Trading day', { required: true }),
    column('open', 'decimal(12, 6)', 'First price'),
    column('high', 'decimal(12, 6)', 'Highest price'),
    column('low', 'decimal(12, 6)', 'Lowest price'),
    column('close', 'decimal(12, 6)', 'Last price'),
    column('adjclose', 'decimal(12, 6)', 'Last price, adjusted for splits and dividends'),
    column('volume', 'long', 'Shares traded'),
  ]
}
