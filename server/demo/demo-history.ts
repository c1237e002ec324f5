import 'server-only'

/**
 * The history that the demo lake pretends to have. Its commits are made within a minute, so their times are spread over
 * the thirty days before, and charts, freshness and time travel have something to show. Home and the descriptions of the
 * tables say so.
 *
 * Times are counted back from the last full hour before the creation: the newest load is an hour or two old, whatever
 * the time of day.
 */

const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000

/** Part of the description of each demo table. */
export const DEMO_HISTORY_NOTE = 'The demo spreads its commits over thirty days and names their writers.'

/** The commits of one table in a list of loads, in order. */
export type DemoLoads = { writer: string; hoursAgo: readonly number[] }

/** Loaded every second day, in twelve parts, with eight days in which no load came. */
export const FLIGHTS_LOADS: DemoLoads = {
  writer: 'flights-feed',
  hoursAgo: [673, 625, 577, 529, 481, 289, 241, 193, 145, 97, 49, 1],
}

/** Loaded each week, a year at a time. */
export const WEATHER_LOADS: DemoLoads = { writer: 'weather-feed', hoursAgo: [570, 402, 234, 66] }

/** A table that a single load fills was loaded by hand. */
const MANUAL_WRITER = 'manual-load'
export function manualLoad(hoursAgo: number): DemoLoads {
  return { writer: MANUAL_WRITER, hoursAgo: [hoursAgo] }
}

/** The second load repeats the first one by mistake, and is taken back an hour later. */
export const SPECIES_LOADS: DemoLoads = { writer: MANUAL_WRITER, hoursAgo: [620, 118] }
export const SPECIES_ROLLED_BACK_HOURS_AGO = 117

/** The table gets another codec, which its files do not have yet. */
export const BIRDSTRIKES_CODEC_HOURS_AGO = 92

/** The two versions of the view `demo.flights_by_route`. */
export const VIEW_CREATED_HOURS_AGO = 286
export const VIEW_REPLACED_HOURS_AGO = 142

/** The instant so many hours before the last full hour. */
export function demoTimeMs(nowMs: number, hoursAgo: number): number {
  return Math.floor(nowMs / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS
}
