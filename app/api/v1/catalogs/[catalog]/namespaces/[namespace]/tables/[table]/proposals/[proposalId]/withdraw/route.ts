import { withdrawProposal } from '@/lib/contract/table/proposals'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(withdrawProposal)
