import type { JsonNumber } from './json-number'

/**
 * JSON without rounded numbers: an integer beyond 2^53 is a bigint, a fraction that no double represents a {@link
 * JsonNumber}.
 */
export type Json = null | boolean | number | bigint | string | JsonNumber | readonly Json[] | JsonObject

export type JsonObject = { readonly [key: string]: Json }
