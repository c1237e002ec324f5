/**
 * How far an estimate of DuckDB's `approx_count_distinct` is off at most, with 95 % probability, as a share. Its
 * HyperLogLog has 64 registers, so the standard error is 1.04 / √64 = 13 %; this is twice that.
 */
export const DISTINCT_MARGIN = 0.26
