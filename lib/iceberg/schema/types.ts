/**
 * Iceberg's types, in the shape of its JSON form with our spelling of names.
 *
 * Spec: Iceberg table spec, *Schemas and Data Types* and appendix C, *Schemas*.
 */

import type { Json, JsonObject } from '../json/json'

export type PrimitiveType =
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'timestamp_ns'
  | 'timestamptz_ns'
  | 'string'
  | 'uuid'
  | 'binary'
  | 'unknown'
  | 'variant'
  | `decimal(${number}, ${number})`
  | `fixed[${number}]`
  /** With the coordinate system and, for a geography, the edge algorithm, unless they are the defaults. */
  | 'geometry'
  | 'geography'
  | `geometry(${string})`
  | `geography(${string})`
  | UnrecognizedType

/** The name of a type that Lakeshore does not support, in a table that can still be viewed. */
export type UnrecognizedType = string & { readonly [unrecognized]: true }
declare const unrecognized: unique symbol

export type StructType = { type: 'struct'; fields: readonly NestedField[]; unknownFields?: JsonObject }
export type ListType = {
  type: 'list'
  elementId: number
  element: Type
  elementRequired: boolean
  unknownFields?: JsonObject
}
export type MapType = {
  type: 'map'
  keyId: number
  key: Type
  valueId: number
  value: Type
  valueRequired: boolean
  unknownFields?: JsonObject
}
export type Type = PrimitiveType | StructType | ListType | MapType

export type NestedField = {
  id: number
  name: string
  required: boolean
  type: Type
  doc?: string
  /** Single-value JSON (spec, appendix D) of the value for rows written before this field was added. Format v3. */
  initialDefault?: Json
  /** Single-value JSON of the value that writers use when none is given. Format v3. */
  writeDefault?: Json
  /** Unknown fields of the JSON object, written back unchanged. */
  unknownFields?: JsonObject
}

export type Schema = {
  schemaId: number
  identifierFieldIds: readonly number[]
  fields: readonly NestedField[]
  unknownFields?: JsonObject
}

/**
 * One value of a primitive type in memory.
 *
 * | Iceberg type | JavaScript |
 * |---|---|
 * | boolean | boolean |
 * | int, date (days since 1970-01-01) | number |
 * | long, time and timestamp (µs), timestamp_ns (ns) | bigint |
 * | float, double | number |
 * | decimal(p, s) | bigint, unscaled |
 * | string, uuid (lower case, with dashes) | string |
 * | fixed, binary | Uint8Array |
 * | variant (JSON), geometry, geography (well-known text) | string |
 */
export type Value = boolean | number | bigint | string | Uint8Array
