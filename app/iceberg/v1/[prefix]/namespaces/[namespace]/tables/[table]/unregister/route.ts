import { routeOf } from '@/server/iceberg-rest/routes'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = routeOf(
  '/v1/{prefix}/namespaces/{namespace}/tables/{table}/unregister',
)
