import { bindOperations } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindOperations(
  '/v1/{prefix}/namespaces/{namespace}/tables/{table}/tasks',
)
