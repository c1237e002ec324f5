import { reviewRegistration } from '@/lib/contract/lifecycle/new-tables'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(reviewRegistration)
