/** Where the process stands; run-service.ts moves it on, the health routes show it. */
export interface Lifecycle {
  phase: 'starting' | 'running' | 'stopping';
}
