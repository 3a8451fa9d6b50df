module pipe512/differential

go 1.19
