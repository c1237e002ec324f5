import { AppError } from '@/lib/errors'
import { defaultToJson } from './default-value'
import { JsonFields } from '../json/json-fields'
import { normalizePrimitiveType } from './primitive'
import type { NestedField, PrimitiveType, Schema, Type, UnrecognizedType } from './types'
import type { Json, JsonObject } from '../json/json'

/**
 * A schema's JSON form: in metadata files, in the headers of manifests, in REST requests, and in a schema file that a
 * person writes.
 *
 * Spec: Iceberg table spec, appendix C, *Schemas*.
 */

/**
 * @param path of the schema in its document, for error messages
 * @throws {AppError} file-damaged naming the field; not-supported for an unknown type
 */
export function schemaFromJson(json: Json, path = ''): Schema {
  return readSchema(json, path, throwUnknownType)
}

/**
 * Like {@link schemaFromJson}, but an unknown primitive type keeps its name, so that the table can be viewed and its
 * metadata changed. Reading or writing its values gives an error.
 */
export function lenientSchemaFromJson(json: Json, path = ''): Schema {
  return readSchema(json, path, (name) => name as UnrecognizedType)
}

/** Returns the type to use for an unknown primitive type, or throws. */
type UnknownTypeHandler = (name: string, path: string) => PrimitiveType

function throwUnknownType(name: string, path: string): never {
  throw new AppError(
    'not-supported',
    `Lakeshore does not support the type ${name}${path === '' ? '' : `, at ${path}`}`,
    {
      facts: { type: name },
    },
  )
}

function readSchema(json: Json, path: string, onUnknownType: UnknownTypeHandler): Schema {
  const object = new JsonFields(json, path)
  object.json('type')
  return {
    // A v1 table's only schema may come without an id.
    schemaId: object.has('schema-id') ? object.int('schema-id') : 0,
    identifierFieldIds: object.ints('identifier-field-ids'),
    fields: readFields(object, onUnknownType),
    ...object.rest(),
  }
}

export function schemaToJson(schema: Schema): JsonObject {
  return {
    ...schema.unknownFields,
    type: 'struct',
    'schema-id': schema.schemaId,
    ...(schema.identifierFieldIds.length > 0 && { 'identifier-field-ids': schema.identifierFieldIds }),
    fields: schema.fields.map(fieldToJson),
  }
}

/** Like {@link schemaFromJson}, for one type. */
export function typeFromJson(json: Json, path = ''): Type {
  return readType(json, path, throwUnknownType)
}

function readType(json: Json, path: string, onUnknownType: UnknownTypeHandler): Type {
  if (typeof json === 'string') return normalizePrimitiveType(json) ?? onUnknownType(json, path)
  const object = new JsonFields(json, path)
  const type = object.text('type')
  switch (type) {
    case 'struct':
      return { type, fields: readFields(object, onUnknownType), ...object.rest() }
    case 'list':
      return {
        type,
        elementId: object.int('element-id'),
        element: readType(object.json('element'), object.pathOf('element'), onUnknownType),
        elementRequired: object.boolean('element-required'),
        ...object.rest(),
      }
    case 'map':
      return {
        type,
        keyId: object.int('key-id'),
        key: readType(object.json('key'), object.pathOf('key'), onUnknownType),
        valueId: object.int('value-id'),
        value: readType(object.json('value'), object.pathOf('value'), onUnknownType),
        valueRequired: object.boolean('value-required'),
        ...object.rest(),
      }
    default:
      return throwUnknownType(type, path)
  }
}

export function typeToJson(type: Type): Json {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct':
      return { ...type.unknownFields, type: 'struct', fields: type.fields.map(fieldToJson) }
    case 'list':
      return {
        ...type.unknownFields,
        type: 'list',
        'element-id': type.elementId,
        element: typeToJson(type.element),
        'element-required': type.elementRequired,
      }
    case 'map':
      return {
        ...type.unknownFields,
        type: 'map',
        'key-id': type.keyId,
        key: typeToJson(type.key),
        'value-id': type.valueId,
        value: typeToJson(type.value),
        'value-required': type.valueRequired,
      }
  }
}

function readFields(struct: JsonFields, onUnknownType: UnknownTypeHandler): NestedField[] {
  if (!struct.has('fields')) throw new AppError('file-damaged', `Field ${struct.pathOf('fields')} is absent`)
  return struct.items('fields').map(({ json, path }) => fieldFromJson(json, path, onUnknownType))
}

function fieldFromJson(json: Json, path: string, onUnknownType: UnknownTypeHandler): NestedField {
  const object = new JsonFields(json, path)
  return {
    id: object.int('id'),
    name: object.text('name'),
    required: object.boolean('required'),
    type: readType(object.json('type'), object.pathOf('type'), onUnknownType),
    ...(object.has('doc') && { doc: object.text('doc') }),
    ...(object.has('initial-default') && { initialDefault: object.json('initial-default') }),
    ...(object.has('write-default') && { writeDefault: object.json('write-default') }),
    ...object.rest(),
  }
}

function fieldToJson(field: NestedField): JsonObject {
  return {
    ...field.unknownFields,
    id: field.id,
    name: field.name,
    required: field.required,
    type: typeToJson(field.type),
    ...(field.doc !== undefined && { doc: field.doc }),
    ...(field.initialDefault !== undefined && { 'initial-default': defaultToJson(field.type, field.initialDefault) }),
    ...(field.writeDefault !== undefined && { 'write-default': defaultToJson(field.type, field.writeDefault) }),
  }
}
