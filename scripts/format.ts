import { spawnSync } from 'node:child_process'

process.exitCode = spawnSync('npx', ['biome', 'format', '--write', '.'], { stdio: 'inherit' }).status ?? 1
