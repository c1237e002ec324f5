import type { JsonNumber } from './json-number'

/** JSON in which no number is rounded: an integer beyond 2^53 is a bigint, what no double holds a {@link JsonNumber}. */
export type Json = null | boolean | number | bigint | string | JsonNumber | readonly Json[] | JsonObject

export type JsonObject = { readonly [key: string]: Json }
