import { bindAddress } from '@/server/program/bind'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindAddress('/api/auth/oidc/sign-out')
