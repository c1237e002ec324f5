import * as z from 'zod'
import { endpoint } from '../endpoint'

export const getApiDescription = endpoint({
  summary: 'Returns this API as an OpenAPI 3.1 document',
  method: 'GET',
  path: '/api/v1/openapi.json',
  permission: 'signed-in',
  input: z.object({}),
  output: z.looseObject({ openapi: z.string() }),
})
