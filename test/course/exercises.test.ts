/** What every exercise has, and what the course has of each kind. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PROMISE_NUMBERS } from '../../clients/check/promises.ts'
import { EXERCISES } from '../../docs/build/course/all.ts'
import { folderOf, pointsOf, variantsOf } from '../../docs/build/course/exercise.ts'
import { strayVariants } from '../../docs/build/course/proof.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { MODELS } from '../../servers/models.ts'

const pages = readdirSync(new URL('docs/course', ROOT)).filter((name) => /^\d\d-/.test(name))

test('every folder is an exercise of the list, in order', () => {
  const folders = readdirSync(new URL('docs/course/exercises', ROOT)).sort()
  expect(EXERCISES.map(({ id }) => id)).toEqual(folders)
})

test('every page of a session leads to its exercises', () => {
  for (const { id, session } of EXERCISES) {
    const page = pages.find((name) => Number(name.slice(0, 2)) === session)
    expect(page, `session ${session}`).toBeDefined()
    const text = readFileSync(new URL(`docs/course/${page}`, ROOT), 'utf8')
    expect(text, id).toContain(`exercises/${id}/exercise.md`)
  }
})

test('every model and every promise has at least two exercises', () => {
  const known = EXERCISES.flatMap(({ model, promise }) => [model, promise])
  const isRare = (one: string | number) => known.filter((each) => each === one).length < 2
  expect(MODELS.map(({ id }) => id).filter(isRare)).toEqual([])
  expect(PROMISE_NUMBERS.filter(isRare)).toEqual([])
})

test('there are all kinds', () => {
  const kinds = new Set(EXERCISES.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(['build', 'complete', 'port', 'predict', 'repair'])
})

describe.each(pages)('%s', (page) => {
  const text = readFileSync(new URL(`docs/course/${page}`, ROOT), 'utf8')

  test('takes 90 minutes in all', () => {
    const minutes = [...text.matchAll(/^\|.*\|\s*(\d+)\s*\|?\s*$/gm)].map(([, number]) =>
      Number(number),
    )
    expect(minutes.reduce((sum, number) => sum + number, 0)).toBe(90)
  })

  test('has five questions with answers for the teacher', () => {
    expect(text.match(/<summary>Answer<\/summary>/g)).toHaveLength(5)
  })
})

describe.each(EXERCISES)('$id', (exercise) => {
  const { id, grading, hints, text, minutes } = exercise

  test('has a starter, a solution and three to six wrong ones, each with an expectation', () => {
    for (const part of ['starter', 'solution']) {
      expect(existsSync(new URL(grading.file, folderOf(id, part))), part).toBe(true)
    }
    expect(strayVariants(exercise)).toEqual([])
    expect(variantsOf(id, 'wrong').length).toBeGreaterThanOrEqual(3)
    expect(variantsOf(id, 'wrong').length).toBeLessThanOrEqual(6)
  })

  test('has numbered tasks, and two or three hints for each', () => {
    const tasks = text.split('## Tasks')[1]?.match(/^\d+\. /gm) ?? []
    expect(tasks.length).toBeGreaterThan(0)
    expect(hints).toHaveLength(tasks.length)
    for (const list of hints) expect([2, 3]).toContain(list.length)
  })

  test('has whole points and minutes', () => {
    expect(Number.isInteger(pointsOf(exercise)) && pointsOf(exercise) > 0).toBe(true)
    expect(Number.isInteger(minutes) && minutes >= 5 && minutes <= 60).toBe(true)
    const names = ('units' in grading ? grading.units : grading.cases).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})
