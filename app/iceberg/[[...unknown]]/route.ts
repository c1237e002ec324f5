import { UNKNOWN_ROUTE } from '@/server/iceberg-rest/routes'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = UNKNOWN_ROUTE
