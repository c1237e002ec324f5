import * as React from 'react'

/**
 * In development, React records the stack of every element that is created, so that its warnings can say where, until it
 * has recorded ten thousand within a second. Tests of components create more elements than they render pages, and no
 * test reads these stacks: the count begins beyond the limit. Warnings still name the component.
 */
const internals: unknown = Reflect.get(React, '__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE')
if (!internals || typeof internals !== 'object' || !('recentlyCreatedOwnerStacks' in internals))
  throw new Error('This version of React counts owner stacks elsewhere.')
Object.defineProperty(internals, 'recentlyCreatedOwnerStacks', {
  get: () => Infinity,
  set: () => {},
  configurable: true,
})
