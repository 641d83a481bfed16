/** How accesses may travel; see `lanes.ts`. Flags know them before anything else is loaded. */
export const laneNames = ['grpc', 'shm'] as const
export type LaneName = (typeof laneNames)[number]

export function isLaneName(name: string): name is LaneName {
  return (laneNames as readonly string[]).includes(name)
}
