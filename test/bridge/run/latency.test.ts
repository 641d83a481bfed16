import { expect, it } from 'vitest'
import { Latency } from '../../../bridge/run/latency.js'

it('knows quantiles within a few percent', () => {
  const latency = new Latency()
  for (let us = 1; us <= 1000; us++) latency.record(us)
  expect(latency.quantile(0.5)).toBeGreaterThan(485)
  expect(latency.quantile(0.5)).toBeLessThan(515)
  expect(latency.quantile(0.99)).toBeGreaterThan(960)
  expect(latency.quantile(0.99)).toBeLessThan(1020)
})

it('has no quantile of nothing, and takes every value', () => {
  const latency = new Latency()
  expect(latency.quantile(0.5)).toBeUndefined()
  for (const us of [0, 0.01, 1e12]) latency.record(us)
  expect(latency.quantile(0.01)).toBeLessThan(0.2)
})
