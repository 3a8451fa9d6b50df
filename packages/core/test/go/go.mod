module pipe512

go 1.19
