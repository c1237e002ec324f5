import { JsonNumber } from './json-number'
import type { Json, JsonObject } from './json'

export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof JsonNumber)
}
