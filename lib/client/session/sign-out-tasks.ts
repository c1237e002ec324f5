const tasks: (() => void)[] = []

/** Registers work to stop before the user is signed out. Signing out reloads the page, so tasks are never removed. */
export function runBeforeSignOut(task: () => void): void {
  tasks.push(task)
}

export function runSignOutTasks(): void {
  for (const task of tasks) task()
}
