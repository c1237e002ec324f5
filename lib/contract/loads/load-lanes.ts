/**
 * Runs of one kind wait in lanes, and no lane waits for another: workers execute as many runs of each as the kind allows.
 * Loads of a few bytes are in the small lane; all other runs are in the common one.
 */
export const RUN_LANES = ['common', 'small'] as const
export type RunLane = (typeof RUN_LANES)[number]

/** The most that a load of the small lane reads. */
export const MAX_SMALL_LOAD_BYTES = 64 * 1024 * 1024
/** Each file costs some time, however small it is. */
export const MAX_SMALL_LOAD_FILES = 100
