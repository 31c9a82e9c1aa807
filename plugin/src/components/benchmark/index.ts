export { BENCHMARK_COLUMNS } from './columns';
export { BenchmarkProgress } from './BenchmarkProgress';
export { FactTable } from './FactTable';
export { Counted } from './Server';
export { SheetView } from './SheetView';
export { KIND_WORDS, wantedInWords } from './words';
