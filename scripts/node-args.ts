/** The arguments of Node with which the product's processes start. */

export const NODE_ARGS = ['--conditions=react-server', '--enable-source-maps']

/**
 * V8's young generation otherwise grows larger, and collecting one full of entries of manifests that stay blocked the
 * event loop for up to 69 ms (benches/plan-scan; 34 ms with this).
 *
 * The bytes of buffers count towards the limit of the whole heap. They otherwise have one of 64 MB for themselves, and an
 * upload had all of the pages' objects marked, for 100 ms, with every 24 MiB (benches/load-page).
 */
export const WEB_ARGS = [...NODE_ARGS, '--max-semi-space-size=8', '--external-memory-accounted-in-global-limit']

/** Buffers of pages make V8 collect all the time. All at once takes less of the processor than in steps (benches/rewrite). */
export const WORKER_ARGS = [...NODE_ARGS, '--no-incremental-marking']
