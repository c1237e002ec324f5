import { returnViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import { bindEndpoints } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(returnViewProposal)
