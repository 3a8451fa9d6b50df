module pipe512/bench

go 1.19
