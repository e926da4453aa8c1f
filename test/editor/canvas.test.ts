import { expect, test } from 'vitest'
import { stepsInSight } from '../../editor/canvas/in-sight.ts'
import { emptyFlow, openEditor, threeSteps } from '../editor-driver.ts'

const inSight = (flow: Parameters<typeof stepsInSight>[0], chosen: string | undefined, width: number) => stepsInSight(flow, chosen, width).map(({ id }) => id)

test('[ED150] a short flow comes into sight whole', () => {
  expect(inSight(threeSteps().flow(), undefined, 620).toSorted()).toEqual(['map', 'receive', 'send'])
  expect(inSight(emptyFlow(), undefined, 620)).toEqual([])
})

test('[ED150] of a long flow as many steps as can be read come into sight: from the first on, or around the chosen one', () => {
  const ed = openEditor()
  for (let n = 0; n < 9; n += 1) ed.dragFromPalette('map-data', { x: n * 260, y: 0 })
  expect(inSight(ed.flow(), undefined, 620)).toEqual(['map', 'map2', 'map3', 'map4'])
  expect(inSight(ed.flow(), 'map6', 620).toSorted()).toEqual(['map4', 'map5', 'map6', 'map7'])
  expect(inSight(ed.flow(), 'map9', 0)).toEqual(['map9'])
})
