import { prove } from './proofs.ts'

prove([1, 2, 3])
