/**
 * The parameters of a statement that each run of a saved result sets itself: when the run started, when it was due, and
 * when the last run that succeeded was due. All are times with a zone; in the first run the last one is 1970-01-01, so that
 * everything before the run is after it.
 */
export const RUN_PARAMETERS = ['run_time', 'slot_time', 'previous_slot_time'] as const

export function isRunParameter(name: string): boolean {
  return RUN_PARAMETERS.some((parameter) => parameter === name.toLowerCase())
}
