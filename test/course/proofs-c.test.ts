import { prove } from './proofs.ts'

prove([7, 8, 9, 10])
