import 'server-only'

/** Half a month of flights as one Parquet file, like the export of an airline. */
export type FlightsSlice = {
  /** First day, and the day after the last one. */
  from: string
  to: string
  /** The column's name at the time of this slice. */
  delayName: 'delay' | 'arrival_delay'
  hasRoute: boolean
}

/** January to June 2001. The six flights that arrive on 1 July are in the last slice. */
export const FLIGHTS_SLICES: readonly FlightsSlice[] = [1, 2, 3, 4, 5, 6].flatMap((month) => {
  const isRenamed = month >= 3
  const slice = { delayName: isRenamed ? ('arrival_delay' as const) : ('delay' as const), hasRoute: month >= 4 }
  const next = month === 6 ? '2001-07-02' : day(month + 1, 1)
  return [
    { ...slice, from: day(month, 1), to: day(month, 16) },
    { ...slice, from: day(month, 16), to: next },
  ]
})

function day(month: number, day: number): string {
  return `2001-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
