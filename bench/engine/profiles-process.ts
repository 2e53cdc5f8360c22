import { answer } from '../child.ts'
import { population } from './population.ts'

const { build, round } = population(Number(process.argv[2]))

answer((question) => (question === 'build' ? build() : round()))
