'use client'
import { createContext } from 'react'
import type { ErrorCode } from '@/lib/errors'

/** The kind of failure that the page explains above its content, so that no part of it does again; null without one. */
export const KnownProblem = createContext<ErrorCode | null>(null)
